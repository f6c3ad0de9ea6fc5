"""The craft of pairing: what speaks for and against sending a peer to a council. Plain data in and out, no database."""
