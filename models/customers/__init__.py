"""The customer list that is kept: importing a file, finding a customer."""
