namespace Multiprocess;

/// <summary>
/// Confines a spawned child to its connection, a few files, and itself. No privilege is needed. Linux only.
/// </summary>
/// <remarks>
/// <para>
/// The child can open no socket, start no program, signal or trace no other process, and gain no privilege. Of the file
/// system it can read what a .NET program needs to run (its own directory, the runtime, the system's libraries,
/// <c>/proc</c>, time zones), and what is listed here. Descriptors that it inherits keep working: the connection and
/// the standard streams.
/// </para>
/// <para>
/// The parent sets the limits on files before the child's program begins (Landlock). The child sets the limits on
/// system calls in <c>IpcParent.TryServe</c>, for all its threads (seccomp); so call that first in <c>Main</c>. Both
/// last until the child ends, and its threads cannot undo them. A refused operation fails with the system's error, as
/// <see cref="UnauthorizedAccessException"/> or <see cref="IOException"/>.
/// </para>
/// <para>
/// What the kernel cannot limit is reported as a warning (event <c>SandboxIncomplete</c> of the parent's log), or
/// refused with <see cref="Require"/>.
/// </para>
/// </remarks>
/// <example><code>
/// var options = new IpcSpawnOptions
/// {
///     Sandbox = new IpcSandbox { WritablePaths = [walletDirectory], Require = true },
/// };
/// </code></example>
public sealed record IpcSandbox
{
    /// <summary>
    /// Files, and directories with everything below them, that the child may read. Default none. Each must exist when
    /// the child is started. For a symbolic link, its target counts.
    /// </summary>
    public IReadOnlyList<string> ReadablePaths { get; init; } = [];

    /// <summary>
    /// Files, and directories with everything below them, that the child may read, write, create and delete. Sockets,
    /// devices, pipes and symbolic links cannot be created there. Default none. Each must exist when the child is
    /// started.
    /// </summary>
    public IReadOnlyList<string> WritablePaths { get; init; } = [];

    /// <summary>
    /// Whether the memory of the child is hidden from other processes of the same user: the child leaves no core dump,
    /// cannot be traced, and has no diagnostics port. Default true. A process with the privilege to trace all
    /// processes still reads it.
    /// </summary>
    public bool HidesMemory { get; init; } = true;

    /// <summary>
    /// Whether the start fails if the kernel cannot set all the limits. Default false: the child then runs with only
    /// the limits that can be set. The error is an <see cref="IpcException"/> of kind
    /// <see cref="IpcErrorKind.SpawnFailed"/>; no call has run.
    /// </summary>
    public bool Require { get; init; }
}
