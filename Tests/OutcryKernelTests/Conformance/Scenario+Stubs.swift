extension Scenario { static let workflows: [Scenario] = [] }
extension Scenario { static let streams: [Scenario] = [] }
