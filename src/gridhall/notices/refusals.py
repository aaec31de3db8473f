"""The named refusals of the notices room: code, English, Chinese. They are stable; docs/reference lists them."""

from gridhall.kernel.refusal import Refusal

WORDS: dict[str, tuple[str, str]] = {
    "unknown_occasion": ("There is no such occasion.", "没有此通知场合。"),
    "text_missing": ("A title and a text are needed in both languages.", "中英文标题和正文均须填写。"),
    "text_too_long": ("This text is too long.", "文字过长。"),
    "unknown_placeholder": ("The text names something that this occasion does not know.", "文中的占位符不属于此场合。"),
    "broken_placeholder": ("A brace in the text opens or closes nothing.", "文中的大括号不成对。"),
    "text_in_the_past": ("A text can begin today or later.", "生效日期不能早于今天。"),
    "unknown_text": ("There is no such text.", "没有此文本版本。"),
    "wrong_text_state": ("This text has been decided already.", "此文本已审定。"),
    "second_person_needed": ("A second person must decide this.", "须由另一人复核。"),
    "notice_required": ("This notice is owed to you and cannot be switched off.", "此类通知为必须送达，不能关闭。"),
    "unknown_way": ("There is no such way.", "没有此送达方式。"),
    "unknown_notice": ("There is no such notice.", "没有此通知。"),
    "wrong_sending_state": ("This sending is not one that was given up.", "此发送记录不是已放弃状态。"),
}  # fmt: skip


def refusal(code: str, *, field: str = "", row: int = -1, value: object = "") -> Refusal:
    """The refusal of that code with the field, the row of the batch and the value at fault."""
    english, chinese = WORDS[code]
    return Refusal(code, english, chinese, field=field, row=row, value=str(value))
