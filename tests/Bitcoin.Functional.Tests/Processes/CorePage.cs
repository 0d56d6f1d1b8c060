using Bitcoin.Core;
using Multiprocess.CapnProto;
using Multiprocess.CapnProto.Rpc;

namespace Bitcoin.Functional.Processes;

/// <summary>What docs/bitcoin-core.md shows of clients.</summary>
internal static class CorePage
{
    internal static int Read()
    {
        using var connection = CapnpConnection.Connect("unix:/run/bitcoin/node.sock");
        IInit init = connection.GetRoot<IInit>();
        IMining mining = init.MakeMining();
        BlockRef? tip = mining.GetTip();

        return tip?.Height ?? 0;
    }

    internal static void Follow(IMining mining)
    {
        IBlockTemplate? template = mining.CreateNewBlock(new BlockCreateOptions(), cooldown: true);
        while (template is not null)
        {
            Console.WriteLine($"{template.GetTxFees().Sum()} satoshis");
            IBlockTemplate? next = template.WaitNext(new BlockWaitOptions { FeeThreshold = 1000 });
            template.Dispose();
            template = next;
        }
    }

    internal static string Ask(IInit init)
    {
        string reply = init.MakeRpc().ExecuteRpc("""{"method":"getblockcount","params":[],"id":1}""", "/", "my program");

        return reply;
    }
}
