package statistics

import "livret/projections"

// ContributionOf is the contribution of a folder.
func ContributionOf(f projections.Folder) Contribution { return f.(*row).contribution() }
