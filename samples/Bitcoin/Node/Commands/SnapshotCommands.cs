using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Interfaces;
using Bitcoin.Node.Net;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Writes the coins at the tip, or at an earlier block, to a file in Bitcoin Core's format.</summary>
internal sealed class SnapshotCommands(NodeContext node)
{
    private const ushort Version = 2;

    private static ReadOnlySpan<byte> Magic => [(byte)'u', (byte)'t', (byte)'x', (byte)'o', 0xff];

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Blockchain");
        group.Add(
            "loadtxoutset",
            "path:text",
            "Load the serialized UTXO set from a file. No snapshot is built in, so that none is trusted.",
            Load,
            waits: true);
        group.Add(
            "dumptxoutset",
            "path:text type:text? options:map?{rollback,in_memory}=options",
            "Write the serialized UTXO set to a file.\nThe type is \"latest\" for that of the tip, or \"rollback\" for "
                + "that of the block that the option \"rollback\" names by its height or hash.",
            Dump,
            waits: true);
    }

    // No network of these programs has a snapshot that is trusted, so none can be loaded. What is wrong with a file
    // before that is said.
    private JsonNode? Load(RpcCall call)
    {
        string path = Path.Combine(node.Settings!.Directory, call.Text(0));
        byte[] header = new byte[Magic.Length + sizeof(ushort) + sizeof(uint) + uint256.Zero.ToBytes().Length];
        int read;
        try
        {
            using FileStream file = File.OpenRead(path);
            read = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Couldn't open file {path} for reading.");
        }

        WireReader reader = new(header);
        string? wrong = !reader.Take(Magic.Length).SequenceEqual(Magic)
            ? "Invalid UTXO set snapshot magic bytes. Please check if this is indeed a snapshot file or if you are using "
                + "an outdated snapshot format."
            : BinaryPrimitives.ReadUInt16LittleEndian(reader.Take(sizeof(ushort))) is var version && version != Version
            ? $"Version of snapshot {version} does not match any of the supported versions."
            : !reader.Take(sizeof(uint)).SequenceEqual(node.Tree.Network.Magic.Span)
            ? "This snapshot has been created for another network than that of this node "
                + $"({node.Tree.Network.Name})."
            : read < header.Length
            ? "end of file"
            : null;
        if (wrong is not null)
        {
            throw Inputs.Error(RpcErrorCode.Deserialization, $"Unable to parse metadata: {wrong}");
        }

        throw Inputs.Error(
            RpcErrorCode.InternalError,
            "Unable to load UTXO snapshot: assumeutxo block hash in snapshot metadata not recognized "
                + $"(hash: {reader.Hash()}). The following snapshot heights are available: . ({path})");
    }

    private JsonObject Dump(RpcCall call)
    {
        string path = Path.Combine(node.Settings!.Directory, call.Text(0));
        string temporary = path + ".incomplete";

        // Before the gate is taken: opening a pipe waits for its reader.
        using FileStream? pipe = OpenPipe(path);
        JsonObject result;
        lock (node.Tree.Gate)
        {
            ChainBlock target = Target(call);
            FileStream file;
            try
            {
                file = new FileStream(temporary, FileMode.Create);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Couldn't open file {temporary} for writing.");
            }

            using (file)
            {
                (long count, string hash) = Write(file, target);
                file.Flush(flushToDisk: true);
                result = new JsonObject
                {
                    ["coins_written"] = count,
                    ["base_hash"] = target.Hash.ToString(),
                    ["base_height"] = target.Height,
                    ["path"] = path,
                    ["txoutset_hash"] = hash,
                    ["nchaintx"] = target.ChainTransactions,
                };
            }
        }

        if (pipe is null)
        {
            File.Move(temporary, path);
            return result;
        }

        // Not under the gate: the reader of a pipe may take any time.
        using FileStream written = new(
            temporary, new FileStreamOptions { Mode = FileMode.Open, Options = FileOptions.DeleteOnClose });
        written.CopyTo(pipe);
        return result;
    }

    /// <summary>Opens a pipe that somebody made at a path; null if nothing is there.</summary>
    /// <exception cref="RpcException">Something else is there.</exception>
    private static FileStream? OpenPipe(string path)
    {
        if (!Path.Exists(path))
        {
            return null;
        }

        FileStream? found = null;
        try
        {
            found = new FileStream(path, FileMode.Open, FileAccess.Write);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A directory, or a file of others: told like any other file.
        }

        if (found is { CanSeek: false })
        {
            return found;
        }

        found?.Dispose();
        throw Inputs.Error(
            RpcErrorCode.InvalidParameter,
            $"{path} already exists. If you are sure this is what you want, move it out of the way first");
    }

    private ChainBlock Target(RpcCall call)
    {
        string type = call.Text(1);
        JsonNode? rollback = (call.Params[2] as JsonObject)?["rollback"];
        if (rollback is null)
        {
            return type == "latest" ? node.Tree.Tip
                : throw Inputs.Error(RpcErrorCode.InvalidParameter, type == "rollback"
                    ? "No snapshot height is built in; give the option \"rollback\""
                    : $"Invalid snapshot type \"{type}\" specified. Please specify \"rollback\" or \"latest\"");
        }

        if (type is not ("" or "rollback"))
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter, $"Invalid snapshot type \"{type}\" specified with rollback option");
        }

        ChainBlock target = node.BlockByHashOrHeight(rollback);
        return node.Tree.IsActive(target)
            ? target
            : throw Inputs.Error(RpcErrorCode.InvalidParameter, "The block is not in the active chain");
    }

    /// <summary>
    /// Writes the header, whose count is known only at the end, then each transaction id, followed by its coins.
    /// </summary>
    private (long Count, string Hash) Write(FileStream file, ChainBlock target)
    {
        node.Tree.Flush();
        file.Write(
            new WireWriter().Bytes(Magic).Byte((byte)Version).Byte(Version >> 8).Bytes(
                node.Tree.Network.Magic.Span).Hash(target.Hash).ToArray());
        long countAt = file.Position;
        file.Write(new byte[sizeof(ulong)]);
        CoinStatistics statistics = new("hash_serialized_3");
        List<(OutPoint Id, UnspentCoin Coin)> same = [];
        foreach ((OutPoint id, UnspentCoin coin) in At(target))
        {
            node.Stopping.ThrowIfCancellationRequested();
            statistics.Add(id, coin);
            if (same.Count > 0 && same[0].Id.Hash != id.Hash)
            {
                WriteTransaction(file, same);
            }

            same.Add((id, coin));
        }

        WriteTransaction(file, same);
        file.Position = countAt;
        byte[] count = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteInt64LittleEndian(count, statistics.Count);
        file.Write(count);
        return (statistics.Count, statistics.Hash()!);
    }

    private static void WriteTransaction(FileStream file, List<(OutPoint Id, UnspentCoin Coin)> coins)
    {
        if (coins.Count > 0)
        {
            WireWriter writer = new WireWriter().Hash(coins[0].Id.Hash).Count(coins.Count);
            coins.ForEach(one => writer.Count(one.Id.N).Bytes(CoinCodec.Write(one.Coin)));
            file.Write(writer.ToArray());
            coins.Clear();
        }
    }

    /// <summary>
    /// The coins at a block, in the order of their ids: those of the tip, with the changes of later blocks reverted.
    /// </summary>
    private IEnumerable<(OutPoint Id, UnspentCoin Coin)> At(ChainBlock target)
    {
        CoinLayer layer = new(node.Tree.Cache);
        for (ChainBlock block = node.Tree.Tip; block != target; block = block.Previous!)
        {
            BlockConnection.Disconnect(
                node.ReadBlock(block),
                layer,
                node.Tree.ReadUndo(block)
                    ?? throw Inputs.Error(RpcErrorCode.Misc, "Block not available (pruned data)"));
        }

        using IEnumerator<(OutPoint Id, UnspentCoin Coin)> added = layer.Changes
            .Where(static change => change.Value is not null)
            .Select(static change => (change.Key, change.Value!))
            .OrderBy(static one => one.Key, Comparer<OutPoint>.Create(Compare))
            .GetEnumerator();
        bool hasAdded = added.MoveNext();
        foreach ((OutPoint Id, UnspentCoin Coin) stored in node.Tree.Cache.All())
        {
            for (; hasAdded && Compare(added.Current.Id, stored.Id) < 0; hasAdded = added.MoveNext())
            {
                yield return added.Current;
            }

            if (!layer.Changes.ContainsKey(stored.Id))
            {
                yield return stored;
            }
        }

        for (; hasAdded; hasAdded = added.MoveNext())
        {
            yield return added.Current;
        }
    }

    private static int Compare(OutPoint one, OutPoint other)
    {
        int order = one.Hash.ToBytes().AsSpan().SequenceCompareTo(other.Hash.ToBytes());
        return order != 0 ? order : one.N.CompareTo(other.N);
    }
}
