using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Wallet;
using Bitcoin.WalletHost;
using Multiprocess;

// Named, so that the log of either side tells which thread called: the peer's worker bears the name too.
Thread.CurrentThread.Name = "main";
using DebugLog log = new();
ThisProcess process = new("bitcoin-wallet");
WalletInit init = new(process, log, Console.Out);
if (IpcParent.TryServe<IInit>(args, _ => init, out int exitCode, new IpcConnectionOptions { LoggerFactory = log }))
{
    return exitCode;
}

return ClientProgram.Run(args, process, log);
