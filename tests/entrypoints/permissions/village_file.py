"""A small register of one village, with one row that is wrong."""


def village_csv(area: str) -> bytes:
    rows = [
        f"S{at},1,Sara {'BCDFGKLMNP'[at // 6]}ar{'aeioust'[at % 6]}n,1984-05,female,head,{area}"
        for at in range(51)
    ]
    heading = "household_number,person_number,full_name,birth_date,sex,role,area_pcode"
    return "\r\n".join(
        [heading, *rows, f"S99,1,Pedro Mora,2012-13-45,male,head,{area}", ""]
    ).encode()
