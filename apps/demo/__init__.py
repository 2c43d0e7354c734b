"""The demonstration company Yunshan, a maker of industrial automation: people, customers, deals, payroll."""
