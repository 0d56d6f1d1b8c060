namespace Multiprocess;

/// <summary>
/// What one side of a recording sends, and how many frames of the other side it waits for before each of its own.
/// </summary>
/// <param name="IsClient">Whether this is the client's side.</param>
/// <param name="Chunks">The bytes; null for a valid Hello.</param>
/// <param name="Waits">
/// How many frames arrive before the chunk of the same index; the last number applies to all further chunks.
/// </param>
/// <param name="WaitAtEnd">How many frames arrive in total.</param>
internal sealed record ReplayScript(
    bool IsClient,
    IReadOnlyList<byte[]?> Chunks,
    IReadOnlyList<int> Waits,
    int WaitAtEnd)
{
    public static ReplayScript From(IpcTraffic traffic, bool isClient)
    {
        List<byte[]?> chunks = [];
        List<int> waits = [];
        int heard = 0;
        foreach (IpcTrafficFrame frame in traffic.Frames)
        {
            if (frame.IsFromClient == isClient)
            {
                chunks.Add(frame.IsAnyHello ? null : frame.Bytes.ToArray());
                waits.Add(heard);
            }
            else if (frame.IsWaitedFor)
            {
                heard++;
            }
        }

        return new ReplayScript(isClient, chunks, waits, heard);
    }

    /// <summary>
    /// Returns the script as traffic. The other side's frames are placeholders; only their number counts.
    /// </summary>
    public IEnumerable<IpcTrafficFrame> ToFrames()
    {
        int heard = 0;
        for (int i = 0; i < Chunks.Count; i++)
        {
            for (; heard < WaitBefore(i); heard++)
            {
                yield return new IpcTrafficFrame(!IsClient, default);
            }

            yield return Chunks[i] is { } bytes
                ? new IpcTrafficFrame(IsClient, bytes)
                : IpcTrafficFrame.Hello(IsClient);
        }
    }

    public int WaitBefore(int chunk) => Waits.Count == 0 ? 0 : Waits[Math.Min(chunk, Waits.Count - 1)];
}
