using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Wallet;
using Bitcoin.WalletHost;

// The name shows in both logs which thread called: the peer's worker thread gets the same name.
Thread.CurrentThread.Name = "main";
PrivateFiles.Use();
HiddenMemory.Use();
using DebugLog log = DebugLog.OfProgram();
ToolkitIpc ipc = new(log, "wallet");
ThisProcess process = new("bitcoin-wallet");
WalletInit init = new(process, log, TextWriter.Synchronized(Console.Out));
return ipc.TryServeParent(args, init, out int exitCode)
    ? exitCode
    : new OutsideWallet(ipc, init, process, log).Run(args);
