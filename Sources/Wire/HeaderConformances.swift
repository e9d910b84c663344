// The generated headers already have what these protocols ask for.

extension ProtoHello: SessionHeader {}
extension ProtoGroup: SessionHeader {}
extension ProtoWorkerHeartbeat: SessionHeader {}
extension ProtoDrained: SessionHeader {}
extension ProtoGoodbye: SessionHeader {}

extension ProtoWelcome: SessionHeader {}
extension ProtoLease: SessionHeader {}
extension ProtoAck: SessionHeader {}
extension ProtoReject: SessionHeader {}
extension ProtoLearnerHeartbeat: SessionHeader {}
extension ProtoDrain: SessionHeader {}

extension ProtoManifestRequest: FrameHeader {}
extension ProtoChunkRequest: FrameHeader {}
extension ProtoAnnounce: FrameHeader {}
extension ProtoManifest: FrameHeader {}
extension ProtoChunk: FrameHeader {}
extension ProtoSnapshotReject: FrameHeader {}
