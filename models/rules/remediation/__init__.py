"""The remediation plan that 21Vianet may ask for: what is recorded of it, who may, and what is left to do."""
