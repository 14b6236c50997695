"""What leaves the system by proposal: packages for auditors, reports of agreements."""
