from tests.cyber360.accounts.world import administrator, platform, stranger

__all__ = ["administrator", "platform", "stranger"]
