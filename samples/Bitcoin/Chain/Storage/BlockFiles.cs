using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Bitcoin.Primitives;
using Microsoft.Win32.SafeHandles;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Chain.Storage;

/// <summary>
/// Block and undo files in Bitcoin Core's format: blk00000.dat, rev00000.dat and so on, obfuscated with the key in
/// xor.dat.
/// </summary>
internal sealed class BlockFiles : IBlockStore
{
    /// <summary>Magic and length, before each block and each undo record.</summary>
    internal const int HeaderBytes = 8;

    internal const string KeyFile = "xor.dat";

    private const int ChecksumBytes = 32;
    private const int KeyBytes = 8;
    private const int MaxRecordBytes = 64 * 1024 * 1024;

    private readonly string _directory;
    private readonly NetworkParameters _network;
    private readonly long _maxFileBytes;
    private readonly byte[] _key;
    private readonly ConcurrentDictionary<(string Kind, int File), SafeFileHandle> _handles = new();
    private readonly HashSet<(string Kind, int File)> _unflushed = [];

    private BlockFiles(string directory, NetworkParameters network, long maxFileBytes, byte[] key)
    {
        _directory = directory;
        _network = network;
        _maxFileBytes = maxFileBytes;
        _key = key;
    }

    /// <summary>By file number. Guarded by the tree's gate.</summary>
    internal SortedDictionary<int, BlockFileInfo> Infos { get; } = [];

    internal long BytesOnDisk => Infos.Values.Sum(static info => info.Size + info.UndoSize);

    /// <summary>Opens a directory.</summary>
    /// <param name="directory">The directory, which must exist.</param>
    /// <param name="network">The network whose magic is written.</param>
    /// <param name="maxFileBytes">The size at which a new file is started.</param>
    /// <param name="obfuscates">Whether a directory without blocks gets a key; null for yes.</param>
    /// <exception cref="InvalidDataException">There is a key, but it must not be used.</exception>
    internal static BlockFiles Open(string directory, NetworkParameters network, long maxFileBytes, bool? obfuscates)
    {
        string path = Path.Combine(directory, KeyFile);
        byte[] key = new byte[KeyBytes];
        bool isNew = !Directory.EnumerateFiles(directory, "blk*.dat").Any();
        if (File.Exists(path))
        {
            key = File.ReadAllBytes(path);
            if (key.Length != KeyBytes)
            {
                throw new InvalidDataException($"{path} has {key.Length} bytes. Expected {KeyBytes}.");
            }
        }
        else
        {
            if (isNew && obfuscates != false)
            {
                RandomNumberGenerator.Fill(key);
            }

            SafeFile.Write(path, key);
        }

        if (obfuscates == false && key.Any(static part => part != 0))
        {
            throw new InvalidDataException(
                "The blocksdir XOR-key can not be disabled when a random key was already stored! "
                    + $"Stored key: '{Convert.ToHexStringLower(key)}', stored path: '{path}'.");
        }

        return new BlockFiles(directory, network, maxFileBytes, key);
    }

    public BlockPosition Append(byte[] block, int height)
    {
        int number = Infos.Count == 0 ? 0 : Infos.Keys.Max();
        BlockFileInfo info = InfoOf(number);
        if (info.Size > 0 && info.Size + block.Length + HeaderBytes >= _maxFileBytes)
        {
            Flush();
            info = InfoOf(++number);
        }

        long offset = info.Size + HeaderBytes;
        if (info.Size == 0)
        {
            // As in Bitcoin Core each block file has an undo file beside it, if an empty one.
            _unflushed.Add(("rev", number));
        }

        Write(("blk", number), info.Size, Record(block, []));
        info.Size = offset + block.Length;
        info.Add(height);
        return new BlockPosition(number, offset);
    }

    public BlockPosition AppendUndo(byte[] undo, uint256 previous, int file)
    {
        BlockFileInfo info = InfoOf(file);
        long offset = info.UndoSize + HeaderBytes;
        Write(("rev", file), info.UndoSize, Record(undo, ChecksumOf(undo, previous)));
        info.UndoSize = offset + undo.Length + ChecksumBytes;
        info.IsDirty = true;
        return new BlockPosition(file, offset);
    }

    public byte[] Read(BlockPosition position) => ReadRecord("blk", position, 0);

    public byte[] ReadUndo(BlockPosition position, uint256 previous)
    {
        byte[] record = ReadRecord("rev", position, ChecksumBytes);
        byte[] undo = record[..^ChecksumBytes];
        return ChecksumOf(undo, previous).AsSpan().SequenceEqual(record.AsSpan(undo.Length))
            ? undo
            : throw new InvalidDataException(
                $"rev{position.File:00000}.dat at {position.Offset}: the checksum does not match.");
    }

    /// <summary>Adds a block that was found in a file of an earlier run.</summary>
    internal BlockPosition AddFound(int file, long offset, int length, int height)
    {
        BlockFileInfo info = InfoOf(file);
        info.Size = Math.Max(info.Size, offset + length);
        info.Add(height);
        return new BlockPosition(file, offset);
    }

    /// <summary>Waits until all data is on the disk.</summary>
    public void Flush()
    {
        foreach ((string, int) name in _unflushed)
        {
            RandomAccess.FlushToDisk(Handle(name));
        }

        _unflushed.Clear();
    }

    /// <summary>Deletes a block file and its undo file.</summary>
    internal void Delete(int file)
    {
        foreach (string kind in new[] { "blk", "rev" })
        {
            if (_handles.TryRemove((kind, file), out SafeFileHandle? handle))
            {
                handle.Dispose();
            }

            _unflushed.Remove((kind, file));
            File.Delete(PathOf(kind, file));
        }

        Infos[file] = new BlockFileInfo { IsDirty = true };
    }

    /// <summary>
    /// Deletes the block files after the first missing number, because the ancestors of their blocks are missing. Also
    /// deletes all undo files, which are written again.
    /// </summary>
    internal void DeleteUnusable()
    {
        int next = 0;
        foreach (int number in Existing().ToArray())
        {
            File.Delete(PathOf("rev", number));
            if (number == next)
            {
                next++;
            }
            else
            {
                File.Delete(PathOf("blk", number));
            }
        }
    }

    /// <summary>Opens a stream of the plain bytes of a block file.</summary>
    internal Stream OpenPlain(int file) => new ObfuscatedStream(File.OpenRead(PathOf("blk", file)), _key);

    /// <summary>The numbers of the existing block files.</summary>
    internal IEnumerable<int> Existing()
    {
        return Directory.EnumerateFiles(_directory, "blk*.dat")
            .Select(
                static path => int.TryParse(
                    Path.GetFileNameWithoutExtension(path).AsSpan(3),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out int number) ? number : -1)
            .Where(static number => number >= 0)
            .Order();
    }

    public void Dispose()
    {
        foreach (SafeFileHandle handle in _handles.Values)
        {
            handle.Dispose();
        }

        _handles.Clear();
    }

    internal string PathOf(string kind, int number)
        => Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{kind}{number:00000}.dat"));

    private static byte[] ChecksumOf(byte[] undo, uint256 previous)
        => Hashes.DoubleSHA256RawBytes([.. previous.ToBytes(), .. undo], 0, 32 + undo.Length);

    private BlockFileInfo InfoOf(int number)
    {
        if (!Infos.TryGetValue(number, out BlockFileInfo? info))
        {
            Infos.Add(number, info = new BlockFileInfo());
        }

        return info;
    }

    private byte[] Record(byte[] data, byte[] checksum)
    {
        byte[] record = new byte[HeaderBytes + data.Length + checksum.Length];
        _network.Magic.Span.CopyTo(record);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), data.Length);
        data.CopyTo(record, HeaderBytes);
        checksum.CopyTo(record, HeaderBytes + data.Length);
        return record;
    }

    private void Write((string Kind, int File) name, long offset, byte[] record)
    {
        ObfuscatedStream.Apply(record, _key, offset);
        RandomAccess.Write(Handle(name), record, offset);
        _unflushed.Add(name);
    }

    private byte[] ReadRecord(string kind, BlockPosition position, int more)
    {
        // Opened again each time: the file may have been moved, and that must be noticed.
        using SafeFileHandle handle = File.OpenHandle(
            PathOf(kind, position.File), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] header = ReadAt(handle, kind, position, position.Offset - HeaderBytes, HeaderBytes);
        int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(4));
        if (!header.AsSpan(0, 4).SequenceEqual(_network.Magic.Span) || length is < 0 or > MaxRecordBytes)
        {
            throw new InvalidDataException(
                $"{kind}{position.File:00000}.dat at {position.Offset}: Expected the network's magic and a length, "
                    + "got other bytes.");
        }

        return ReadAt(handle, kind, position, position.Offset, length + more);
    }

    private byte[] ReadAt(SafeFileHandle handle, string kind, BlockPosition position, long offset, int count)
    {
        byte[] bytes = new byte[count];
        for (int done = 0; done < count;)
        {
            int read = RandomAccess.Read(handle, bytes.AsSpan(done), offset + done);
            done += read > 0 ? read : throw new EndOfStreamException(
                $"{kind}{position.File:00000}.dat at {position.Offset}: the file ends before {offset + count}.");
        }

        ObfuscatedStream.Apply(bytes, _key, offset);
        return bytes;
    }

    private SafeFileHandle Handle((string Kind, int File) name)
    {
        return _handles.GetOrAdd(
            name,
            key => File.OpenHandle(
                PathOf(key.Kind, key.File),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.ReadWrite | FileShare.Delete));
    }
}
