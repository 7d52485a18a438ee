//! A recurring opening: daily, weekly, monthly on a day, monthly on a weekday.
