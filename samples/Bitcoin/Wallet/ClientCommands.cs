using System.Globalization;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>The commands of a program that connects to a running node.</summary>
public sealed class ClientCommands
{
    /// <summary>The list of the commands, for -help.</summary>
    public const string Usage =
        """
          getinfo                  The node's process, network and height
          getblockcount            The height of the last block
          getblockhash <height>    The hash of the block at a height
          getheader <hash|height>  A block's header
          getblock <hash|height>   A serialized block, in hexadecimal digits
          generate <count>         Mine blocks (regtest only)
          watch [count]            Print changes of the chain, until Ctrl-C or so many blocks
          deep [depth]             Call back and forth, and print the threads of the calls
        """;

    private const int DefaultDepth = 3;

    private static readonly string[] s_names =
    [
        "getinfo", "getblockcount", "getblockhash", "getheader", "getblock", "generate", "watch", "deep",
    ];

    private readonly IInit _node;
    private readonly ThisProcess _process;
    private readonly TextWriter _output;
    private readonly CancellationToken _stop;

    /// <summary>Creates the commands for a node.</summary>
    /// <param name="node">The node's first object.</param>
    /// <param name="process">Which process this is.</param>
    /// <param name="output">Where to print answers.</param>
    /// <param name="stop">Ends a watch, on Ctrl-C or when the node is gone.</param>
    public ClientCommands(IInit node, ThisProcess process, TextWriter output, CancellationToken stop)
    {
        _node = node;
        _process = process;
        _output = output;
        _stop = stop;
    }

    /// <summary>Whether a word is one of the commands.</summary>
    public static bool Has(string word) => s_names.Contains(word);

    /// <summary>Runs a command.</summary>
    /// <exception cref="CommandException">The command is unknown, or the node refuses it.</exception>
    public void Run(IReadOnlyList<string> words)
    {
        IChain chain = _node.MakeChain() ?? throw new CommandException("The process at the other end has no chain.");
        switch (words)
        {
            case ["getinfo"]:
                ProcessInfo process = _node.GetProcess();
                _output.WriteLine(
                    $"{LineText.Escape(process.Program)}, process {process.ProcessId}, network "
                        + $"{LineText.Escape(chain.GetNetwork())}, height {chain.GetHeight()}");
                break;
            case ["getblockcount"]:
                _output.WriteLine(chain.GetHeight().ToString(CultureInfo.InvariantCulture));
                break;
            case ["getblockhash", string height]:
                _output.WriteLine(HashAt(chain, Number(height)));
                break;
            case ["getheader", string block]:
                uint256 hash = HashOf(chain, block);
                Print(chain.GetBlockHeader(hash) ?? throw new CommandException($"Block not found: {hash}"));
                break;
            case ["getblock", string block]:
                hash = HashOf(chain, block);
                _output.WriteLine(
                    Convert.ToHexStringLower(
                        (chain.GetBlock(hash) ?? throw new CommandException($"Block not found: {hash}")).ToBytes()));
                break;
            case ["generate", string count]:
                Generate(Number(count));
                break;
            case ["watch"]:
                Watch(chain, int.MaxValue);
                break;
            case ["watch", string count]:
                Watch(chain, Number(count));
                break;
            case ["deep"]:
                Deep(chain, DefaultDepth);
                break;
            case ["deep", string depth]:
                Deep(chain, Number(depth));
                break;
            case []:
                throw new CommandException("Command: Expected one, got none; -help lists them.");
            default:
                throw new CommandException(
                    $"Command: Expected a known one with its arguments, got '{string.Join(' ', words)}'; -help lists "
                        + "them.");
        }
    }

    private void Generate(int count)
    {
        IMining mining = _node.MakeMining()
            ?? throw new CommandException("The process at the other end does not mine.");
        try
        {
            foreach (uint256 hash in mining.Generate(count, new Script(OpcodeType.OP_TRUE)))
            {
                _output.WriteLine(hash);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            throw new CommandException(exception.Message);
        }
    }

    private void Watch(IChain chain, int count)
    {
        using Watcher watcher = new(_output, count);
        using IHandler handler = chain.HandleNotifications(watcher);
        WaitHandle.WaitAny([watcher.Done, _stop.WaitHandle]);
    }

    private void Deep(IChain chain, int depth)
    {
        ThreadStep[] Answer(int left) => [_process.DescribeThread(), .. chain.RunDeep(left, Answer)];
        try
        {
            foreach (ThreadStep step in Answer(depth))
            {
                _output.WriteLine(StepText.Format(step));
            }
        }
        catch (ArgumentException exception)
        {
            throw new CommandException(exception.Message);
        }
    }

    private void Print(BlockHeaderInfo header)
    {
        _output.WriteLine($"height        {header.Height}");
        _output.WriteLine($"hash          {header.Hash}");
        _output.WriteLine($"version       {header.Version}");
        _output.WriteLine($"previous      {header.PreviousHash}");
        _output.WriteLine($"merkle root   {header.MerkleRoot}");
        _output.WriteLine(
            $"time          {header.Time} ({DateTimeOffset.FromUnixTimeSeconds(header.Time):yyyy-MM-dd HH:mm:ss}Z)");
        _output.WriteLine($"bits          {header.Bits:x8}");
        _output.WriteLine($"nonce         {header.Nonce}");
    }

    private static uint256 HashOf(IChain chain, string block)
        => uint256.TryParse(block, out uint256? hash) ? hash! : HashAt(chain, Number(block));

    private static uint256 HashAt(IChain chain, int height)
    {
        try
        {
            return chain.GetBlockHash(height);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new CommandException($"Block height: Expected 0 to {chain.GetHeight()}, got {height}.");
        }
    }

    private static int Number(string text)
    {
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new CommandException($"Number: Expected a 32-bit integer, got '{text}'.");
    }

    /// <summary>Prints notifications until a number of blocks has come.</summary>
    private sealed class Watcher(TextWriter output, int count) : IChainNotifications, IDisposable
    {
        private readonly ManualResetEvent _done = new(initialState: count <= 0);
        private int _left = count;

        internal WaitHandle Done => _done;

        public void BlockConnected(BlockInfo block)
        {
            if (_left <= 0)
            {
                return;
            }

            output.WriteLine($"+ {block.Height} {block.Hash}");
            if (--_left == 0)
            {
                _done.Set();
            }
        }

        public void BlockDisconnected(BlockInfo block) => output.WriteLine($"- {block.Height} {block.Hash}");

        public void UpdatedBlockTip(BlockInfo tip)
        {
            if (_left > 0)
            {
                output.WriteLine($"= {tip.Height} is the tip");
            }
        }

        public void Dispose() => _done.Dispose();
    }
}
