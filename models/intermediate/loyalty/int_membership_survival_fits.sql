{{ fit_shifted_beta_geometric(ref('int_membership_tenures')) }}
