"""The monthly reports and the vendor scorecard: a page to print, a workbook, an answer in Slack."""
