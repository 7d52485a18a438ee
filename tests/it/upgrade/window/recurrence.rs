//! On which days a window opens. Rare dates were computed with Python's calendar.

use super::opens;

const WEEKEND: &str = "window days=saturday,sunday start=02:00 duration=4h";

#[test]
fn daily_and_every_so_many_days() {
    opens("window start=02:00", "2026-11-22T03:00Z", &["Sun 2026-11-22 02:00", "Mon 2026-11-23 02:00"]);
    opens("window start=02:00", "2026-11-22T06:00Z", &["Mon 2026-11-23 02:00", "Tue 2026-11-24 02:00"]);
    opens(
        "window start=02:00 every=3 start_date=2026-01-01",
        "2026-02-26T00:00Z",
        &["Fri 2026-02-27 02:00", "Mon 2026-03-02 02:00", "Thu 2026-03-05 02:00"],
    );
}

#[test]
fn weekly_with_several_days() {
    opens(
        WEEKEND,
        "2026-11-22T05:59:59Z",
        &["Sun 2026-11-22 02:00", "Sat 2026-11-28 02:00", "Sun 2026-11-29 02:00"],
    );
    opens(WEEKEND, "2026-11-22T06:00:00Z", &["Sat 2026-11-28 02:00", "Sun 2026-11-29 02:00"]);
}

#[test]
fn weeks_are_counted_from_monday_of_the_week_of_the_start_date() {
    // 2026-01-07 is a Wednesday: its week has begun, and Monday the 5th lies before it.
    opens(
        "window days=monday,sunday start=02:00 every=2 start_date=2026-01-07",
        "2026-01-01T00:00Z",
        &["Sun 2026-01-11 02:00", "Mon 2026-01-19 02:00", "Sun 2026-01-25 02:00", "Mon 2026-02-02 02:00"],
    );
    // 2026-01-04 is a Sunday: the last day of its week.
    opens(
        "window days=monday,sunday start=02:00 every=2 start_date=2026-01-04",
        "2025-12-01T00:00Z",
        &["Sun 2026-01-04 02:00", "Mon 2026-01-12 02:00", "Sun 2026-01-18 02:00"],
    );
}

#[test]
fn days_of_the_month_that_are_missing_are_skipped() {
    opens(
        "window days_of_month=31 start=02:00",
        "2026-01-31T06:00Z",
        &["Tue 2026-03-31 02:00", "Sun 2026-05-31 02:00", "Fri 2026-07-31 02:00", "Mon 2026-08-31 02:00"],
    );
    opens(
        "window days_of_month=1,15 start=02:00",
        "2026-04-30T06:00Z",
        &["Fri 2026-05-01 02:00", "Fri 2026-05-15 02:00", "Mon 2026-06-01 02:00"],
    );
    // January, March, May, July have a 31st; September and November of the same step have none.
    opens(
        "window days_of_month=31 start=02:00 every=2 start_date=2026-01-01",
        "2026-06-01T00:00Z",
        &["Fri 2026-07-31 02:00", "Sun 2027-01-31 02:00", "Wed 2027-03-31 02:00"],
    );
}

#[test]
fn last_is_not_fourth() {
    opens(
        "window weeks_of_month=fourth days=saturday start=02:00",
        "2026-10-01T00:00Z",
        &["Sat 2026-10-24 02:00", "Sat 2026-11-28 02:00", "Sat 2026-12-26 02:00"],
    );
    opens(
        "window weeks_of_month=last days=saturday start=02:00",
        "2026-10-01T00:00Z",
        &["Sat 2026-10-31 02:00", "Sat 2026-11-28 02:00", "Sat 2026-12-26 02:00"],
    );
}

#[test]
fn weeks_of_the_month_count_each_weekday_for_itself() {
    // November 2026 begins on a Sunday: its first Saturday comes after its first Sunday.
    opens(
        "window weeks_of_month=first days=saturday,sunday start=02:00",
        "2026-11-01T00:00Z",
        &["Sun 2026-11-01 02:00", "Sat 2026-11-07 02:00", "Sat 2026-12-05 02:00", "Sun 2026-12-06 02:00"],
    );
    opens(
        "window weeks_of_month=first,last days=friday start=02:00 every=3 start_date=2026-02-20",
        "2026-01-01T00:00Z",
        &["Fri 2026-02-27 02:00", "Fri 2026-05-01 02:00", "Fri 2026-05-29 02:00", "Fri 2026-08-07 02:00"],
    );
}

#[test]
fn a_weekday_among_days_of_the_month() {
    // Sunday after the second Tuesday: Patch Tuesday and five days to see how it goes.
    opens(
        "window days=sunday days_of_month=13,14,15,16,17,18,19 start=02:00",
        "2026-09-01T00:00Z",
        &["Sun 2026-09-13 02:00", "Sun 2026-10-18 02:00", "Sun 2026-11-15 02:00", "Sun 2026-12-13 02:00"],
    );
    opens(
        "window days=friday days_of_month=13 start=02:00",
        "2026-01-01T00:00Z",
        &["Fri 2026-02-13 02:00", "Fri 2026-03-13 02:00", "Fri 2026-11-13 02:00", "Fri 2027-08-13 02:00"],
    );
    // All three lists: the last Sunday, where it is the 31st.
    opens(
        "window days=sunday weeks_of_month=last days_of_month=31 start=02:00",
        "2026-06-01T00:00Z",
        &["Sun 2027-01-31 02:00", "Sun 2027-10-31 02:00", "Sun 2028-12-31 02:00"],
    );
    // `every` counts months.
    opens(
        "window days=saturday days_of_month=1,2,3,4,5,6,7 every=3 start_date=2026-01-01 start=02:00",
        "2026-02-01T00:00Z",
        &["Sat 2026-04-04 02:00", "Sat 2026-07-04 02:00", "Sat 2026-10-03 02:00"],
    );
    // 29 February on a Saturday: Python's calendar again.
    opens(
        "window days=saturday days_of_month=29 every=12 start_date=2026-02-01 start=02:00",
        "2026-01-01T00:00Z",
        &["Sat 2048-02-29 02:00", "Sat 2076-02-29 02:00", "Sat 2116-02-29 02:00", "Sat 2144-02-29 02:00"],
    );
}

#[test]
fn nothing_opens_before_the_start_date() {
    opens("window start=02:00 start_date=2030-05-05", "2026-01-01T00:00Z", &["Sun 2030-05-05 02:00"]);
    opens(
        "window start=02:00 start_date=2030-05-05 duration=7d",
        "2030-05-06T00:00Z",
        &["Sun 2030-05-05 02:00"],
    );
}

#[test]
fn the_rarest_windows_open_when_the_calendar_says() {
    opens(
        "window days_of_month=29 start=02:00 every=12 start_date=2026-02-01",
        "2090-01-01T00:00Z",
        &["Fri 2092-02-29 02:00", "Wed 2096-02-29 02:00", "Fri 2104-02-29 02:00"],
    );
    opens("window days_of_month=29 start=02:00 every=48 start_date=2026-02-01", "2026-01-01T00:00Z", &[]);
    // Every 25 years in February: only years divisible by 100 by 4 remain.
    opens(
        "window days_of_month=29 start=02:00 every=1200 start_date=2100-02-01",
        "2026-01-01T00:00Z",
        &["Tue 2400-02-29 02:00"],
    );
    // The last Saturday of February in leap years, less every other day: 29 February on a Saturday.
    opens(
        "window weeks_of_month=last days=saturday start=02:00 every=48 start_date=2028-02-01
         blackout from=03-01 to=02-28 yearly=true",
        "2026-01-01T00:00Z",
        &["Sat 2048-02-29 02:00", "Sat 2076-02-29 02:00", "Sat 2116-02-29 02:00", "Sat 2144-02-29 02:00"],
    );
    opens("window days=saturday start=02:00 every=100000 start_date=2026-01-03", "2026-01-04T00:00Z", &[]);
}
