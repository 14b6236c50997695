"""Tables about identity cards in wallets, and the status lists that end them."""
