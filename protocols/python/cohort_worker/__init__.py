"""A rollout worker for Cohort, and a reader and writer of 1/ROLLOUT and 2/SNAPSHOT.

Written from the protocol texts; shares nothing with the Swift implementation but `cohort.proto` and the
vectors that both are held to.
"""
