using System.Numerics;
using System.Security.Cryptography;
using Bitcoin.Chain;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// Takes the headers of a peer twice, so that a peer cannot fill the memory with headers that cost it little work.
/// </summary>
/// <remarks>
/// States: counting, loading, ended. While it counts, it adds up the work and keeps nothing of the headers but a secret
/// bit of every few hundred. Once the work is enough, it loads the same headers again, compares the bits, and releases
/// a header when so many follow that a chain of other headers would not have passed. Used by the task that reads the
/// peer.
/// </remarks>
internal sealed class HeadersPresync
{
    private const int Period = 600;
    private const int Held = 15_000;
    private const int MostPerSecond = 6;

    private readonly NetworkParameters _network;
    private readonly ChainBlock _start;
    private readonly BigInteger _least;
    private readonly byte[] _salt = RandomNumberGenerator.GetBytes(16);
    private readonly int _offset = RandomNumberGenerator.GetInt32(Period);
    private readonly long _mostBits;
    private readonly Queue<bool> _bits = [];
    private readonly Queue<BlockHeader> _held = [];
    private uint256 _last;
    private uint _target;
    private BigInteger _work;
    private bool _releasesAll;

    /// <summary>Begins to count.</summary>
    /// <param name="network">The network.</param>
    /// <param name="start">The known block that the headers begin after.</param>
    /// <param name="least">The work that the chain must have, from the first block on.</param>
    /// <param name="now">The time: no honest chain has more than six blocks for each second that passed.</param>
    internal HeadersPresync(NetworkParameters network, ChainBlock start, BigInteger least, DateTimeOffset now)
    {
        const int FutureSeconds = 2 * 60 * 60;
        _network = network;
        _start = start;
        _least = least;
        _mostBits = MostPerSecond
            * Math.Max(0, now.ToUnixTimeSeconds() - start.MedianTimePast + FutureSeconds) / Period;
        _last = start.Hash;
        Restart();
    }

    internal enum Phase
    {
        Counting,
        Loading,
        Ended,
    }

    internal Phase State { get; private set; }

    /// <summary>The height of the last header.</summary>
    internal int Height { get; private set; }

    /// <summary>Hashes for the request of the next headers.</summary>
    internal List<uint256> Locator => [_last, .. BlockLocator.Of(_start)];

    /// <summary>Takes headers that are a chain and have the work that they say they have.</summary>
    /// <param name="headers">The headers of a message; at least one.</param>
    /// <param name="mayHaveMore">Whether the message was full.</param>
    /// <returns>The headers that count now; null if these are not the headers that were asked for.</returns>
    internal IReadOnlyList<BlockHeader>? Take(IReadOnlyList<BlockHeader> headers, bool mayHaveMore)
    {
        Phase phase = State;
        if (headers[0].HashPrevBlock != _last || !headers.All(header => TryTake(header, phase)))
        {
            State = Phase.Ended;
            return null;
        }

        if (phase == Phase.Counting)
        {
            if (_work >= _least)
            {
                Restart();
                State = Phase.Loading;
            }
            else if (!mayHaveMore)
            {
                State = Phase.Ended;
            }

            return [];
        }

        List<BlockHeader> released = [];
        while (_held.Count > (_releasesAll ? 0 : Held))
        {
            released.Add(_held.Dequeue());
        }

        if (_releasesAll || !mayHaveMore)
        {
            State = Phase.Ended;
        }

        return released;
    }

    private void Restart()
    {
        Height = _start.Height;
        _last = _start.Hash;
        _target = _start.Bits;
        _work = _start.ChainWork;
    }

    private bool TryTake(BlockHeader header, Phase phase)
    {
        uint target = header.Bits.ToCompact();
        if (!MayFollow(Height + 1, _target, target))
        {
            return false;
        }

        Height++;
        _target = target;
        _last = header.GetHash();
        _work += new ChainBlock(header, _last, null).ChainWork;
        if (phase == Phase.Loading)
        {
            // Enough work is loaded: the bits that are left have no more to say.
            _releasesAll |= _work >= _least;
            _held.Enqueue(header);
        }

        if (Height % Period != _offset || _releasesAll)
        {
            return true;
        }

        bool bit = (SHA256.HashData([.. _salt, .. _last.ToBytes()])[0] & 1) != 0;
        if (phase == Phase.Loading)
        {
            return _bits.TryDequeue(out bool expected) && expected == bit;
        }

        _bits.Enqueue(bit);
        return _bits.Count <= _mostBits;
    }

    /// <summary>Whether a target may follow another one, as far as that shows without the times of blocks.</summary>
    private bool MayFollow(int height, uint before, uint target)
    {
        // Where the target may change with each block, only the work counts.
        if (_network.AllowsMinimumDifficulty || _network.NeverRetargets || !_network.HasPeriodicTargets)
        {
            return true;
        }

        if (height % _network.RetargetInterval != 0)
        {
            return before == target;
        }

        CompactTarget.TryExpand(before, out BigInteger old);
        return CompactTarget.TryExpand(target, out BigInteger now)
            && now <= Rounded(BigInteger.Min(old * 4, _network.PowLimit))
            && now >= Rounded(old / 4);
    }

    private static BigInteger Rounded(BigInteger target)
    {
        CompactTarget.TryExpand(CompactTarget.Compress(target), out BigInteger rounded);
        return rounded;
    }
}
