/// Tells the messages that came on the connection before this one from those that are new, by their stamps.
///
/// Around a renewal both connections bring what is sent: the old one has published up to some stamp, and
/// the new one begins with some of that once more. The first later message ends it: from then on
/// everything is new, whatever its stamp, as on a connection that follows none.
///
/// Stamps have to ascend there: of several messages with the very stamp that was the old connection's
/// last, those that it had not published are lost with those that it had.
struct Overlap {
    private var newest = Int64.min
    private var known = Int64.min

    init() {}

    /// For a connection that takes the place of the one that has seen this.
    init(behind other: Overlap) {
        newest = other.newest
        known = other.newest
    }

    /// Whether a message with this stamp has not been published before.
    @inline(__always)
    mutating func isNew(_ stamp: Int64) -> Bool {
        if stamp > newest { newest = stamp }
        // A message without a stamp cannot be told from another.
        guard known != .min, stamp > 0 else { return true }
        if stamp <= known { return false }
        known = .min
        return true
    }
}
