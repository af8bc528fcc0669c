"""The customer list: reading a file of customers, telling who is who, keeping them, finding one while it is typed.

``text`` makes text of bytes, ``records`` makes fields of text, ``sheet`` makes customers of fields, ``matching``
decides what they change, ``keeping`` stores it; ``looking`` reads what is kept, ``typeahead`` finds what is typed.
Nothing here deletes a customer.
"""
