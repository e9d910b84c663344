extension CheckpointDirectory {
    /// A directory that is only looked at, also while its run goes on: nothing is made, tidied or removed.
    package init(existing path: String) {
        self.path = path
        retention = CheckpointRetention()
        files = LocalFileSystem()
    }
}
