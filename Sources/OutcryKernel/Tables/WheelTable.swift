/// Which wheel holds which transport: one place a slot, the low half of a transport's number.
///
/// Invariant: a place's wheel is retained by the table, once, for as long as it stands there.
@safe final class WheelTable {
    @safe private struct Place {
        var id = TransportID(number: 0)
        var wheel: Unmanaged<AnyWheel>?
    }

    @safe @exclusivity(unchecked) private var places: [Place] = []
    @safe @exclusivity(unchecked) private var isLent = false

    deinit { for place in places { unsafe place.wheel?.release() } }

    /// The wheel that holds `id`, if one does.
    subscript(id: TransportID) -> AnyWheel? {
        get { unsafe place(of: id)?.takeUnretainedValue() }
        set {
            precondition(!isLent, "no transport comes or goes while a driver reads")
            let slot = Int(UInt32(truncatingIfNeeded: id.number))
            if let newValue {
                while places.count <= slot { places.append(Place()) }
                let old = unsafe places[slot].wheel
                unsafe places[slot] = Place(id: id, wheel: .passRetained(newValue))
                unsafe old?.release()
            } else if let old = unsafe place(of: id) {
                unsafe places[slot].wheel = nil
                unsafe old.release()
            }
        }
    }

    /// Lends the wheel that holds `id`, without a count of its references, to `body`, which changes nothing in the
    /// table.
    ///
    /// - Returns: Nil where there is none.
    @inline(__always) func lend<R>(_ id: TransportID, to body: (AnyWheel) -> R?) -> R? {
        guard let wheel = unsafe place(of: id) else { return nil }
        let wasLent = isLent
        isLent = true
        defer { isLent = wasLent }
        return unsafe wheel._withUnsafeGuaranteedRef { body($0) }
    }

    @inline(__always) private func place(of id: TransportID) -> Unmanaged<AnyWheel>? {
        let slot = Int(UInt32(truncatingIfNeeded: id.number))
        guard slot < places.count, places[slot].id == id else { return nil }
        return unsafe places[slot].wheel
    }
}
