using System.Runtime.CompilerServices;

namespace Multiprocess;

/// <summary>
/// Limits on the resources of this side that a peer can use. Each side has its own limits; a frame must fit the
/// receiver's.
/// </summary>
public sealed record IpcLimits
{
    /// <summary>Largest frame accepted, in bytes. Default 64 MiB; 4 KiB to 1 GiB.</summary>
    public int MaxFrameBytes
    {
        get;
        init => field = Check(value, 4 * 1024, 1024 * 1024 * 1024);
    } = 64 * 1024 * 1024;

    /// <summary>Deepest nesting of values, in levels. Default 64; 8 to 1,024.</summary>
    public int MaxDepth
    {
        get;
        init => field = Check(value, 8, 1024);
    } = 64;

    /// <summary>
    /// Most memory for the collections of one decoded message, in bytes. Default 256 MiB; 64 KiB to 16 GiB.
    /// </summary>
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

    /// <summary>Most worker threads of one connection. Default 10,000; 1 to 100,000.</summary>
    public int MaxThreads
    {
        get;
        init => field = Check(value, 1, 100_000);
    } = 10_000;

    /// <summary>
    /// Most nested calls of the peer on one thread. Default 10,000; 1 to 1,000,000. A call is also refused when the
    /// thread's stack is nearly full.
    /// </summary>
    public int MaxNesting
    {
        get;
        init => field = Check(value, 1, 1_000_000);
    } = 10_000;

    /// <summary>
    /// Most calls of the peer that wait or run on one connection at a time. Default 65,536; 1 to 10,000,000.
    /// </summary>
    public int MaxCallsInFlight
    {
        get;
        init => field = Check(value, 1, 10_000_000);
    } = 65_536;

    /// <summary>
    /// Most bytes waiting in memory in each direction: bytes to send that the peer has not received, and received bytes
    /// that have not been run. Default 64 MiB; 64 KiB to 1 GiB. One frame is always accepted.
    /// </summary>
    /// <remarks>
    /// At the limit for received bytes, this side stops reading until half of them have been run, so that the peer must
    /// wait. But while a thread or task of this side waits for an answer, or bytes wait to be sent, this side must
    /// continue to read. It then refuses calls with <see cref="IpcErrorKind.LimitExceeded"/>, and discards one-way
    /// calls, at twice the limit.
    /// </remarks>
    public int MaxWaitingBytes
    {
        get;
        init => field = Check(value, 64 * 1024, 1024 * 1024 * 1024);
    } = 64 * 1024 * 1024;

    /// <summary>
    /// Largest file that one connection records in <see cref="IpcConnectionOptions.RecordFolder"/>, in bytes. Default
    /// 64 MiB; 4 KiB to 16 GiB. A message takes twice its size plus three bytes. At the limit the recording ends with a
    /// line that says so; the connection continues.
    /// </summary>
    public long MaxRecordBytes
    {
        get;
        init => field = Check(value, 4 * 1024, 16L * 1024 * 1024 * 1024);
    } = 64 * 1024 * 1024;

    /// <summary>
    /// Most descriptors that this side accepts with one message: files, sockets and shared memory among its arguments
    /// or results. Default 64; 0 to 253. The peer knows the limit and refuses to send more. With 0 no descriptor
    /// crosses.
    /// </summary>
    public int MaxDescriptors
    {
        get;
        init => field = Check(value, 0, 253);
    } = 64;

    /// <summary>
    /// Most received descriptors of one connection that wait to be read by a method or a caller. Default 1,024; 0 to
    /// 1,000,000. At the limit, the descriptors of the next message are closed, and reading that message fails with
    /// <see cref="IpcErrorKind.LimitExceeded"/>.
    /// </summary>
    public int MaxWaitingDescriptors
    {
        get;
        init => field = Check(value, 0, 1_000_000);
    } = 1_024;

    private static int Check(int value, int lowest, int highest, [CallerMemberName] string name = "")
        => (int)Check((long)value, lowest, highest, name);

    private static long Check(long value, long lowest, long highest, [CallerMemberName] string name = "")
        => value >= lowest && value <= highest
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{name}: Expected {lowest:N0} to {highest:N0}, got {value:N0}.");
}
