//! Joins Terraform and Azure: the attributes practitioners write, and what they lead to.
