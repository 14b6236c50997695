"""
Partners: other systems that may ask about one person or household, with that person's consent.

The wire form is SPDCI social registry 1.0.0; what it calls an error or a rejection is said in its
own codes. Source: SPDCI standards, social_api_v1.0.0; docs/explanation/design.md, section 9.
"""
