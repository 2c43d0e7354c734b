export function startCalendar() {}
