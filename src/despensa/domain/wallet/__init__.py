"""The identity card in a wallet on its holder's phone: offered, proved, made, and believed or not."""
