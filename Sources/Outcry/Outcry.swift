// The umbrella: what an application imports. Re-exporting is the one thing that needs an underscore; see
// ARCHITECTURE.md, "Escape hatches".

@_exported public import OutcryBytes
@_exported public import OutcryComponents
@_exported public import OutcryCrypto
@_exported public import OutcryJournal
@_exported public import OutcryKernel
@_exported public import OutcryMarket
@_exported public import OutcryReactor
@_exported public import OutcrySimulation
@_exported public import OutcryVenues
@_exported public import OutcryWire
