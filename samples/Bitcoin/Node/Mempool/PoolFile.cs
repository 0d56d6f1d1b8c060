using System.Buffers.Binary;
using System.Security.Cryptography;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>Stores the pool in mempool.dat, in Bitcoin Core's format.</summary>
internal sealed class PoolFile(NodeContext node, DebugLog log, bool writesFirstVersion)
{
    internal const string Name = "mempool.dat";

    private const ulong FirstVersion = 1;
    private const ulong KeyedVersion = 2;
    private const int KeyBytes = 8;

    private readonly Lock _gate = new();

    /// <summary>Writes all transactions. If that fails, the old file stays.</summary>
    internal bool TrySave(string path)
    {
        lock (_gate)
        {
            try
            {
                byte[] body = Body(out byte[] key);
                string unfinished = path + ".new";
                using (FileStream file = new(unfinished, FileMode.Create, FileAccess.Write))
                {
                    Span<byte> version = stackalloc byte[sizeof(ulong)];
                    BinaryPrimitives.WriteUInt64LittleEndian(version, writesFirstVersion ? FirstVersion : KeyedVersion);
                    file.Write(version);
                    if (!writesFirstVersion)
                    {
                        file.WriteByte(KeyBytes);
                        file.Write(key);
                        for (int i = 0; i < body.Length; i++)
                        {
                            body[i] ^= key[(int)((file.Position + i) % KeyBytes)];
                        }
                    }

                    file.Write(body);
                    file.Flush(flushToDisk: true);
                }

                File.Move(unfinished, path, overwrite: true);
                log.Write($"Dumped mempool: {node.Pool.Count} transactions, {body.Length} bytes");
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                log.Write($"Failed to dump mempool: {exception.Message}. Continuing anyway.");
                return false;
            }
        }
    }

    /// <summary>Submits all transactions of a file to the pool.</summary>
    internal bool TryLoad(string path, bool usesCurrentTime, bool appliesDeltas, bool appliesUnbroadcast)
    {
        try
        {
            byte[] bytes = File.ReadAllBytes(path);
            ulong version = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            int at = sizeof(ulong);
            if (version == KeyedVersion)
            {
                byte[] key = bytes[(at + 1)..(at + 1 + KeyBytes)];
                at += 1 + KeyBytes;
                for (int i = at; i < bytes.Length; i++)
                {
                    bytes[i] ^= key[i % KeyBytes];
                }
            }
            else if (version != FirstVersion)
            {
                return false;
            }

            Read(
                new BitcoinStream(bytes[at..])
                {
                    ConsensusFactory = node.Tree.Network.Network.Consensus.ConsensusFactory,
                    MaxArraySize = 4_000_000
                },
                usesCurrentTime,
                appliesDeltas,
                appliesUnbroadcast);
            return true;
        }
        catch (Exception exception) when (exception is IOException
            or UnauthorizedAccessException
            or FormatException
            or ArgumentException
            or IndexOutOfRangeException)
        {
            log.Write($"Failed to deserialize mempool data on file: {exception.Message}. Continuing anyway.");
            return false;
        }
    }

    private void Read(BitcoinStream stream, bool usesCurrentTime, bool appliesDeltas, bool appliesUnbroadcast)
    {
        ulong count = stream.ReadWrite(0UL);
        int accepted = 0, expired = 0, failed = 0, known = 0;
        for (ulong i = 0; i < count && !node.Stopping.IsCancellationRequested; i++)
        {
            Transaction transaction = node.Tree.Network.Network.CreateTransaction();
            transaction.ReadWrite(stream);
            transaction.PrecomputeHash(false, true);
            DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(stream.ReadWrite(0L));
            long delta = stream.ReadWrite(0L);
            if (usesCurrentTime)
            {
                time = node.Clock.GetUtcNow();
            }

            lock (node.Tree.Gate)
            {
                if (delta != 0 && appliesDeltas)
                {
                    node.Pool.Prioritise(transaction.GetHash(), delta);
                }

                if (time <= node.Clock.GetUtcNow() - node.Pool.Options.Expiry)
                {
                    expired++;
                    continue;
                }

                Refusal? refusal = node.Pool.Acceptance.AcceptLocked(
                    transaction, new AcceptOptions { Time = time }).Refusal;
                (accepted, known, failed) = refusal is null ? (accepted + 1, known, failed)
                    : refusal.Kind == RefusalKind.Conflict ? (accepted, known + 1, failed)
                    : (accepted, known, failed + 1);
            }
        }

        uint deltas = 0;
        stream.ReadWriteAsVarInt(ref deltas);
        for (uint i = 0; i < deltas; i++)
        {
            uint256 txid = stream.ReadWrite(new uint256.MutableUint256()).Value;
            long delta = stream.ReadWrite(0L);
            if (appliesDeltas)
            {
                lock (node.Tree.Gate)
                {
                    node.Pool.Prioritise(txid, delta);
                }
            }
        }

        uint unbroadcast = 0;
        stream.ReadWriteAsVarInt(ref unbroadcast);
        int own = 0;
        for (uint i = 0; i < unbroadcast; i++)
        {
            uint256 txid = stream.ReadWrite(new uint256.MutableUint256()).Value;
            lock (node.Tree.Gate)
            {
                if (appliesUnbroadcast && node.Pool.Find(txid) is not null)
                {
                    node.Pool.Unbroadcast.Add(txid);
                    own++;
                }
            }
        }

        log.Write(
            $"Imported mempool transactions from file: {accepted} succeeded, {failed} failed, {expired} expired, "
                + $"{known} already there, {own} waiting for initial broadcast");
    }

    private byte[] Body(out byte[] key)
    {
        key = RandomNumberGenerator.GetBytes(KeyBytes);
        using MemoryStream memory = new();
        BitcoinStream stream = new(memory, serializing: true);
        lock (node.Tree.Gate)
        {
            TransactionPool pool = node.Pool;
            PoolEntry[] entries =
                [
                    .. pool.Entries.OrderBy(
                        static entry => entry.Ancestors().Count).ThenBy(static entry => entry.Sequence),
                ];
            stream.ReadWrite((ulong)entries.Length);
            foreach (PoolEntry entry in entries)
            {
                entry.Transaction.ReadWrite(stream);
                stream.ReadWrite(entry.Time.ToUnixTimeSeconds());
                stream.ReadWrite(entry.Delta);
            }

            KeyValuePair<uint256, long>[] others = [.. pool.Deltas.Where(pair => pool.Find(pair.Key) is null)];
            uint count = (uint)others.Length;
            stream.ReadWriteAsVarInt(ref count);
            foreach ((uint256 txid, long delta) in others)
            {
                memory.Write(txid.ToBytes());
                stream.ReadWrite(delta);
            }

            count = (uint)pool.Unbroadcast.Count;
            stream.ReadWriteAsVarInt(ref count);
            foreach (uint256 txid in pool.Unbroadcast)
            {
                memory.Write(txid.ToBytes());
            }
        }

        return memory.ToArray();
    }
}
