using System.Buffers.Binary;
using System.Globalization;
using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>Blocks on disk, in the order in which the tree took them: files blk00000.dat and on, as Bitcoin Core names them.</summary>
/// <remarks>
/// Each block stands behind the network's magic and its length, and before a checksum of all three, so that what a kill
/// in mid-write leaves at the very end is told from damage. Any block file reader skips the checksum as rubbish.
/// </remarks>
public sealed class BlockFiles : IBlockStore, IDisposable
{
    private const int HeaderBytes = 8;
    private const int ChecksumBytes = 4;
    private const int MaxBlockBytes = 4_000_000;
    private const long MaxFileBytes = 128 * 1024 * 1024;

    private readonly string _directory;
    private readonly NetworkParameters _network;
    private FileStream _file;
    private int _number;

    private BlockFiles(string directory, NetworkParameters network, int number, FileStream file)
    {
        _directory = directory;
        _network = network;
        _number = number;
        _file = file;
    }

    /// <summary>How many bytes of a block that was not wholly written were cut off.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Reads all blocks into a tree and opens the last file for more; the tree stores there from now on.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="InvalidDataException">A file is damaged other than at the very end; the message says where.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static BlockFiles Load(string directory, BlockTree tree, CancellationToken cancellationToken = default)
    {
        Directory.CreateDirectory(directory);
        int last = 0;
        while (File.Exists(PathOf(directory, last + 1)))
        {
            last++;
        }

        for (int number = 0; number < last; number++)
        {
            using FileStream complete = File.OpenRead(PathOf(directory, number));
            if (Read(complete, tree, cancellationToken) is var end && end < complete.Length)
            {
                throw Damaged(complete, end, "the block is cut short, though another file follows");
            }
        }

        // Unbuffered: what was written survives the process.
        FileStream file = new(PathOf(directory, last), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        BlockFiles files = new(directory, tree.Network, last, file);
        try
        {
            long good = Read(file, tree, cancellationToken);
            files.TornBytes = file.Length - good;
            file.SetLength(good);
            file.Seek(good, SeekOrigin.Begin);
            tree.Store = files;
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Append(Block block)
    {
        byte[] bytes = block.ToArray();
        byte[] record = new byte[HeaderBytes + bytes.Length + ChecksumBytes];
        _network.Magic.Span.CopyTo(record);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), bytes.Length);
        bytes.CopyTo(record, HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(HeaderBytes + bytes.Length), Checksum.Compute(record.AsSpan(0, HeaderBytes + bytes.Length)));
        if (_file.Position > MaxFileBytes)
        {
            Flush();
            _file.Dispose();
            _file = new FileStream(PathOf(_directory, ++_number), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }

        long start = _file.Position;
        try
        {
            _file.Write(record);
        }
        catch (IOException)
        {
            // A full disk leaves a part; the next block must not come to stand behind it.
            _file.SetLength(start);
            _file.Seek(start, SeekOrigin.Begin);
            throw;
        }
    }

    /// <summary>Waits until the disk has all of it.</summary>
    public void Flush() => _file.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Reads blocks until the end of the file, or of its good part; gives that place.</summary>
    private static long Read(FileStream file, BlockTree tree, CancellationToken cancellationToken)
    {
        using BufferedStream input = new(new UnownedStream(file), 1 << 20);
        byte[] record = new byte[HeaderBytes];
        long start = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int head = input.ReadAtLeast(record.AsSpan(0, HeaderBytes), HeaderBytes, throwOnEndOfStream: false);
            if (head < HeaderBytes)
            {
                return head == 0 || tree.Network.Magic.Span.StartsWith(record.AsSpan(0, Math.Min(head, 4))) ? start : throw Damaged(file, start, "expected the network's magic");
            }

            int length = BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(4));
            if (!record.AsSpan(0, 4).SequenceEqual(tree.Network.Magic.Span) || length is < BlockHeader.Size or > MaxBlockBytes)
            {
                throw Damaged(file, start, "expected the network's magic and a length");
            }

            int whole = HeaderBytes + length + ChecksumBytes;
            Array.Resize(ref record, Math.Max(record.Length, whole));
            int tail = input.ReadAtLeast(record.AsSpan(HeaderBytes, whole - HeaderBytes), whole - HeaderBytes, throwOnEndOfStream: false);
            if (tail < whole - HeaderBytes)
            {
                return IsTorn(record.AsSpan(0, HeaderBytes + tail), tree.Network) ? start : throw Damaged(file, start, "the length is wrong: what is there is more than one block cut short");
            }

            if (!HasChecksum(record.AsSpan(0, whole)))
            {
                throw Damaged(file, start, "the checksum does not match");
            }

            Take(file, start, tree, record.AsSpan(HeaderBytes, length));
            start += whole;
        }
    }

    /// <summary>
    /// Whether a kill in mid-write explains what stands at the end of the file: the beginning of one record, and nothing
    /// more. A length that was damaged claims more than there is too, but a whole record is behind it: this one, or others.
    /// </summary>
    private static bool IsTorn(ReadOnlySpan<byte> rest, NetworkParameters network)
    {
        // This one, under the length that it must have had.
        byte[] whole = rest.ToArray();
        int length = rest.Length - HeaderBytes - ChecksumBytes;
        BinaryPrimitives.WriteInt32LittleEndian(whole.AsSpan(4), length);
        if (length >= BlockHeader.Size && HasChecksum(whole))
        {
            return false;
        }

        // Others, wherever they begin.
        for (int at = 1; at + HeaderBytes + ChecksumBytes <= rest.Length; at++)
        {
            int next = rest[at..].IndexOf(network.Magic.Span);
            if (next < 0 || rest.Length - at - next < HeaderBytes)
            {
                return true;
            }

            at += next;
            length = BinaryPrimitives.ReadInt32LittleEndian(rest[(at + 4)..]);
            if (length >= BlockHeader.Size && length <= rest.Length - at - HeaderBytes - ChecksumBytes && HasChecksum(rest.Slice(at, HeaderBytes + length + ChecksumBytes)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasChecksum(ReadOnlySpan<byte> record)
    {
        return BinaryPrimitives.ReadUInt32LittleEndian(record[^ChecksumBytes..]) == Checksum.Compute(record[..^ChecksumBytes]);
    }

    private static void Take(FileStream file, long start, BlockTree tree, ReadOnlySpan<byte> bytes)
    {
        Refusal? refusal;
        try
        {
            refusal = tree.AcceptBlock(Block.Parse(bytes), isStored: true).Refusal;
        }
        catch (BitcoinFormatException exception)
        {
            throw Damaged(file, start, exception.Message);
        }

        if (refusal is not null && refusal.Reason != AcceptResult.Duplicate)
        {
            throw Damaged(file, start, refusal.ToString());
        }
    }

    private static InvalidDataException Damaged(FileStream file, long start, string how)
    {
        return new InvalidDataException($"Corrupted block database detected: {file.Name} at byte {start}: {how}.");
    }

    private static string PathOf(string directory, int number) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"blk{number:00000}.dat"));
}
