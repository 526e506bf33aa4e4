import OutcryServing

extension MessageText {
    /// Writes why a private call is not let in.
    mutating func setRefusal(_ version: APIVersion, _ refusal: AccessRefusal, id: String? = nil) {
        switch version {
        case .v0:
            if case .missingRight = refusal {
                setRefusal(version, refusal.message, token: nil, id: id)
            } else {
                setRefusal(version, refusal.oldMessage, token: nil, id: id)
            }
        case .v1, .v2: setRefusal(version, refusal.message, token: refusal.token, id: id)
        case .stream: setRefusal(version, refusal.remark, token: nil, id: id)
        }
    }
}
