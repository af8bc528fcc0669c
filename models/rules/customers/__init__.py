"""The customer list: reading a file of customers and matching its lines with the customers on record. Pure.

``file_encoding`` decodes bytes, ``csv_records`` splits text into fields, ``csv_columns`` reads customers from fields,
and ``matching`` decides what they change. Nothing here deletes a customer.
"""
