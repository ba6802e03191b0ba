"""What is masked of people: the pure text work stands in `ledger.masking`, below every floor that writes."""

from ledger.masking import mask_identity, mask_name, mask_phone, mask_text

__all__ = ["mask_identity", "mask_name", "mask_phone", "mask_text"]
