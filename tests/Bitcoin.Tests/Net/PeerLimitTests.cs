using System.Net;
using System.Net.Sockets;
using Bitcoin.Node.Net;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class PeerLimitTests
{
    private static readonly byte[] s_magic = [1, 2, 3, 4];

    private readonly ManualClock _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));
    private readonly List<IDisposable> _open = [];

    [TearDown]
    public void Close() => _open.ForEach(static one => one.Dispose());

    [Test]
    public void Old_blocks_are_served_as_long_as_new_ones_still_can_be()
    {
        const long Limit = 800L << 20;
        UploadLimit upload = new(Limit, _clock);
        upload.Add(1);
        Assert.That(
            (upload.IsReached(forOldBlocks: true), upload.IsReached(forOldBlocks: false)), Is.EqualTo((false, false)));

        // 144 blocks of 4 MB are kept for the day.
        upload.Add(Limit - (144 * 4_000_000L));
        Assert.That(
            (upload.IsReached(forOldBlocks: true), upload.IsReached(forOldBlocks: false)), Is.EqualTo((true, false)));
        _clock.Now += TimeSpan.FromHours(12);
        Assert.That(upload.IsReached(forOldBlocks: true), Is.False);

        upload.Add(Limit);
        Assert.That((upload.IsReached(forOldBlocks: false), upload.Left().Bytes), Is.EqualTo((true, 0L)));
        _clock.Now += TimeSpan.FromHours(13);
        upload.Add(1);
        Assert.That((upload.IsReached(forOldBlocks: false), upload.Left()), Is.EqualTo((false, (Limit - 1, 86_400L))));
    }

    [Test]
    public void Without_a_limit_nothing_is_reached()
    {
        UploadLimit upload = new(0, _clock);
        upload.Add(long.MaxValue / 2);

        Assert.That(
            (upload.IsReached(forOldBlocks: true), upload.IsReached(forOldBlocks: false), upload.Left()),
            Is.EqualTo((false, false, (0L, 0L))));
    }

    [Test]
    public async Task The_youngest_who_gave_nothing_goes_and_the_near_the_givers_and_the_old_stay()
    {
        List<Peer> peers = [];
        for (int i = 0; i < 40; i++)
        {
            Peer peer = await Connect(i);
            peer.BestPing = TimeSpan.FromMilliseconds(i < 8 ? 1 : 100);
            peer.LastTransaction = i is >= 8 and < 12 ? _clock.Now : default;
            peer.LastBlock = i is >= 12 and < 16 ? _clock.Now : default;
            peers.Add(peer);
            _clock.Now += TimeSpan.FromSeconds(1);
        }

        Peer? chosen = PeerEviction.Choose(peers, salt: 7);

        // Four are spared for their network, whoever they are.
        Assert.That(chosen?.Id, Is.InRange(35, 39));
        Assert.That(PeerEviction.Choose(peers[..16], salt: 7), Is.Null, "so few are all worth keeping");
    }

    [Test]
    public async Task Peers_that_gave_nothing_yet_are_spared_too_where_nobody_gave_more()
    {
        const int Spared = 20;
        List<Peer> peers = [];
        for (int i = 0; i <= Spared; i++)
        {
            peers.Add(await Connect(i));
            _clock.Now += TimeSpan.FromSeconds(1);
        }

        Assert.That(PeerEviction.Choose(peers[..Spared], salt: 7), Is.Null, "4 + 8 + 4 + 4 are spared");
        Assert.That(PeerEviction.Choose(peers, salt: 7), Is.Not.Null);
    }

    [Test]
    public void A_filter_lets_through_what_concerns_the_client_and_an_empty_one_all()
    {
        Script mine = new Key().PubKey.Hash.ScriptPubKey;
        Transaction paysMe = Pay(mine);
        Transaction paysOther = Pay(new Key().PubKey.Hash.ScriptPubKey);
        BloomFilter bloom = new(10, 0.000001, 5, BloomFlags.UPDATE_ALL);
        bloom.Insert(mine.ToOps().ElementAt(2).PushData);
        PeerFilter filter = PeerFilter.Read(bloom.ToBytes())!;

        Assert.That((filter.Matches(paysMe), filter.Matches(paysOther)), Is.EqualTo((true, false)));
        Assert.That(PeerFilter.Read([0, 1, 0, 0, 0, 0, 0, 0, 0, 0])!.Matches(paysOther));
    }

    [Test]
    public void A_filter_that_is_too_large_is_none()
    {
        Assert.That(PeerFilter.Read([1, 0xff, 50, 0, 0, 0, 0, 0, 0, 0, 0]), Is.Not.Null);
        Assert.That(PeerFilter.Read([1, 0xff, 51, 0, 0, 0, 0, 0, 0, 0, 0]), Is.Null);
        Assert.That(PeerFilter.Read([0xfd, 0xa1, 0x8c, .. new byte[36_001 + 9]]), Is.Null);
        Assert.That(() => PeerFilter.Read([9, 0]), Throws.TypeOf<FormatException>());
    }

    private static Transaction Pay(Script to)
    {
        Transaction transaction = Network.RegTest.CreateTransaction();
        transaction.Inputs.Add(new OutPoint(uint256.One, 0));
        transaction.Outputs.Add(Money.Coins(1), to);
        return transaction;
    }

    private async Task<Peer> Connect(int id)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        TcpClient client = new();
        _open.Add(client);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        Socket socket = await listener.AcceptSocketAsync();
        NetAddress address = NetAddress.From(new IPEndPoint(new IPAddress([11, (byte)id, 1, 1]), 8333));
        Peer peer = new(
            id,
            socket,
            isInbound: true,
            "inbound",
            "",
            address,
            s_magic,
            _clock,
            maxSendBytes: 1_000_000,
            PeerRights.None)
        {
            WantsTransactions = true,
            NetGroup = Convert.ToHexStringLower(address.Group),
        };
        _open.Add(peer);
        return peer;
    }
}
