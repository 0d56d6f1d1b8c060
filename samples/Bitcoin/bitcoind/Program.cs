using Bitcoin.Hosting;
using Bitcoin.Node;
using Bitcoin.Single;

Thread.CurrentThread.Name = "main";
PrivateFiles.Use();
using DebugLog log = DebugLog.OfProgram();
using SingleProcessInit init = new(new ThisProcess("bitcoind"), log, TextWriter.Synchronized(Console.Out));
return NodeMain.Run("bitcoind", args, [], init.Node, log);
