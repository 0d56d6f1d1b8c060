using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Primitives;
using Bitcoin.Wallet;

namespace Bitcoin.WalletHost;

/// <summary>Wallets, for the node that started the process, or for one to which it connects.</summary>
internal static class WalletProcess
{
    internal static int Run(string[] args)
    {
        // The name shows in both logs which thread called: the peer's worker thread gets the same name.
        Thread.CurrentThread.Name = "main";
        PrivateFiles.Use();
        HiddenMemory.Use();
        using DebugLog log = DebugLog.OfProgram();
        ToolkitIpc ipc = new(log, "wallet");
        ThisProcess process = new(Currency.Names.Program("wallet"));
        WalletInit init = new(process, log, TextWriter.Synchronized(Console.Out));
        return ipc.TryServeParent(args, init, out int exitCode)
            ? exitCode
            : new OutsideWallet(ipc, init, process, log).Run(args);
    }
}
