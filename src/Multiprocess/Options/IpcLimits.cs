namespace Multiprocess;

/// <summary>Bounds on what a peer can make this side hold. Both sides have their own; a frame must fit the receiver's.</summary>
public sealed record IpcLimits
{
    /// <summary>Largest frame accepted, in bytes. Default 64 MiB; 4 KiB to 1 GiB.</summary>
    public int MaxFrameBytes
    {
        get;
        init => field = Check(value, 4 * 1024, 1024 * 1024 * 1024);
    } = 64 * 1024 * 1024;

    /// <summary>How deep values may nest, in levels. Default 64; 8 to 1,024.</summary>
    public int MaxDepth
    {
        get;
        init => field = Check(value, 8, 1024);
    } = 64;

    /// <summary>Most memory that the collections of one decoded message may take, in bytes. Default 256 MiB; 64 KiB to 16 GiB.</summary>
    public long MaxDecodedBytes
    {
        get;
        init => field = Check(value, 64 * 1024, 16L * 1024 * 1024 * 1024);
    } = 256 * 1024 * 1024;

    /// <summary>Most live objects in each direction of a connection. Default 1,000,000; 1 to 100,000,000.</summary>
    public int MaxObjects
    {
        get;
        init => field = Check(value, 1, 100_000_000);
    } = 1_000_000;

    /// <summary>Most worker threads that one connection may have. Default 10,000; 1 to 100,000.</summary>
    public int MaxThreads
    {
        get;
        init => field = Check(value, 1, 100_000);
    } = 10_000;

    /// <summary>
    /// Most calls of the peer that run inside each other on one thread. Default 10,000; 1 to 1,000,000. A stack that is
    /// used up before that refuses the call too.
    /// </summary>
    public int MaxNesting
    {
        get;
        init => field = Check(value, 1, 1_000_000);
    } = 10_000;

    /// <summary>Most calls of the peer that wait or run on one connection at a time. Default 65,536; 1 to 10,000,000.</summary>
    public int MaxCallsInFlight
    {
        get;
        init => field = Check(value, 1, 10_000_000);
    } = 65_536;

    /// <summary>
    /// Most bytes that may wait, in each direction: for the peer to receive them, and, in memory, received from the peer and
    /// not yet run. Default 64 MiB; 64 KiB to 1 GiB. One frame is always taken.
    /// </summary>
    /// <remarks>
    /// When so much waits to be run, the peer is not read until half of it has been, so that the peer has to wait. While a
    /// thread or a task of this side waits for an answer, or bytes wait for the peer, it must be read all the same: then
    /// calls are refused with <see cref="IpcErrorKind.LimitExceeded"/>, and one-way ones lost, when twice as much waits.
    /// </remarks>
    public int MaxWaitingBytes
    {
        get;
        init => field = Check(value, 64 * 1024, 1024 * 1024 * 1024);
    } = 64 * 1024 * 1024;

    /// <summary>
    /// Most bytes of the file that one connection writes into <see cref="IpcConnectionOptions.RecordFolder"/>. Default
    /// 64 MiB; 4 KiB to 16 GiB. A message takes twice its size and three bytes. The recording ends there with a line
    /// that says so; the connection goes on.
    /// </summary>
    public long MaxRecordBytes
    {
        get;
        init => field = Check(value, 4 * 1024, 16L * 1024 * 1024 * 1024);
    } = 64 * 1024 * 1024;

    private static int Check(int value, int lowest, int highest) => (int)Check((long)value, lowest, highest);

    private static long Check(long value, long lowest, long highest)
        => value >= lowest && value <= highest
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"Expected a value from {lowest:N0} to {highest:N0}.");
}
