namespace Multiprocess.Fuzz;

/// <summary>What an attacker sends, and how many frames of its victim it waits for before each chunk.</summary>
/// <param name="AttacksServer">Whether the victim is a server; otherwise it is a client that calls.</param>
/// <param name="Chunks">The bytes; null for a correct Hello.</param>
/// <param name="Waits">How many frames have come before the chunk of the same index; the last holds for all that follow.</param>
internal sealed record Script(bool AttacksServer, IReadOnlyList<byte[]?> Chunks, IReadOnlyList<int> Waits)
{
    public static Script From(IEnumerable<Chunk> traffic, bool attacksServer)
    {
        List<byte[]?> chunks = [];
        List<int> waits = [];
        int heard = 0;
        foreach (Chunk chunk in traffic)
        {
            if (chunk.ByClient == attacksServer)
            {
                chunks.Add(chunk.Bytes);
                waits.Add(heard);
            }
            else
            {
                heard++;
            }
        }

        return new Script(attacksServer, chunks, waits);
    }

    /// <summary>The script as traffic: the victim's frames are placeholders, of which only the number counts.</summary>
    public IEnumerable<Chunk> ToTraffic()
    {
        int heard = 0;
        for (int i = 0; i < Chunks.Count; i++)
        {
            for (; heard < WaitBefore(i); heard++)
            {
                yield return new Chunk(!AttacksServer, []);
            }

            yield return new Chunk(AttacksServer, Chunks[i]);
        }
    }

    public int WaitBefore(int chunk) => Waits.Count == 0 ? 0 : Waits[Math.Min(chunk, Waits.Count - 1)];
}
