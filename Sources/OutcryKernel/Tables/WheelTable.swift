/// Which wheel holds which transport: one place a slot, the low half of a transport's number.
final class WheelTable {
    @safe @exclusivity(unchecked) private var places: [(id: TransportID, wheel: AnyWheel)?] = []

    /// The wheel that holds `id`, if one does.
    subscript(id: TransportID) -> AnyWheel? {
        get {
            let slot = Int(UInt32(truncatingIfNeeded: id.number))
            guard slot < places.count, let place = places[slot], place.id == id else { return nil }
            return place.wheel
        }
        set {
            let slot = Int(UInt32(truncatingIfNeeded: id.number))
            if let newValue {
                while places.count <= slot { places.append(nil) }
                places[slot] = (id, newValue)
            } else if slot < places.count, places[slot]?.id == id {
                places[slot] = nil
            }
        }
    }
}
