using Bitcoin.Chain;
using Bitcoin.Node.Net;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class HeadersPresyncTests
{
    private const int Length = 2500;

    private BlockTree _chain;
    private List<BlockHeader> _headers;

    [OneTimeSetUp]
    public void Start()
    {
        _chain = new BlockTree(BitcoinNetworks.Regtest, Forge.Clock());
        _headers = Branch(Forge.Script);
    }

    [OneTimeTearDown]
    public void End() => _chain.Dispose();

    [Test]
    public void Headers_count_only_after_they_came_a_second_time()
    {
        HeadersPresync sync = New(Length);

        Assert.That(sync.Take(_headers[..2000], mayHaveMore: true), Is.Empty);
        Assert.That((sync.State, sync.Height), Is.EqualTo((HeadersPresync.Phase.Counting, 2000)));
        Assert.That(sync.Locator[0], Is.EqualTo(_headers[1999].GetHash()));
        Assert.That(sync.Take(_headers[2000..], mayHaveMore: false), Is.Empty);
        Assert.That((sync.State, sync.Height), Is.EqualTo((HeadersPresync.Phase.Loading, 0)));
        Assert.That(sync.Locator[0], Is.EqualTo(_chain.Tip.Hash), "again from the beginning");
        Assert.That(sync.Take(_headers[..2000], mayHaveMore: true), Is.Empty);
        Assert.That(sync.Take(_headers[2000..], mayHaveMore: false), Is.EqualTo(_headers));
        Assert.That(sync.State, Is.EqualTo(HeadersPresync.Phase.Ended));
    }

    [Test]
    public void A_chain_with_too_little_work_leaves_nothing()
    {
        HeadersPresync sync = New(Length + 1);

        Assert.That(sync.Take(_headers[..2000], mayHaveMore: true), Is.Empty);
        Assert.That(sync.Take(_headers[2000..], mayHaveMore: false), Is.Empty);

        Assert.That(sync.State, Is.EqualTo(HeadersPresync.Phase.Ended));
    }

    [Test]
    public void Other_headers_the_second_time_are_seen()
    {
        // Each secret bit is equal by chance in one of two cases: of so many tries, one is seen.
        List<BlockHeader> others = Branch(new Script(OpcodeType.OP_2));
        bool isSeen = false;
        for (int i = 0; i < 20 && !isSeen; i++)
        {
            HeadersPresync sync = New(Length);
            sync.Take(_headers[..2000], mayHaveMore: true);
            sync.Take(_headers[2000..], mayHaveMore: false);
            isSeen = sync.Take(others[..2000], mayHaveMore: true) is null;
        }

        Assert.That(isSeen, Is.True);
    }

    [Test]
    public void Headers_that_do_not_continue_the_chain_end_it()
    {
        HeadersPresync sync = New(Length);

        Assert.That(sync.Take(_headers[1..], mayHaveMore: true), Is.Null);
        Assert.That(sync.State, Is.EqualTo(HeadersPresync.Phase.Ended));
    }

    private HeadersPresync New(int blocks)
    {
        ChainBlock genesis = _chain.AtHeight(0)!;
        return new HeadersPresync(
            _chain.Network, genesis, genesis.ChainWork * (blocks + 1), _chain.Clock.GetUtcNow());
    }

    private List<BlockHeader> Branch(Script script)
    {
        List<BlockHeader> headers = [];
        ChainBlock last = _chain.AtHeight(0)!;
        for (int i = 0; i < Length; i++)
        {
            BlockHeader header = Forge.Next(_chain, last, script).Header;
            headers.Add(header);
            last = new ChainBlock(header, header.GetHash(), last);
        }

        return headers;
    }
}
