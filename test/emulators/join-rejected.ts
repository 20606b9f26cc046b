/** A user cannot join: they are banned, or their token does not admit them. */
export class JoinRejected extends Error {
  readonly reason: "banned" | "token";

  constructor(reason: "banned" | "token", why?: unknown) {
    super(
      [`Joining was rejected: ${reason}.`, why instanceof Error ? why.message : why]
        .filter(Boolean)
        .join(" "),
    );
    this.reason = reason;
  }
}
