using Multiprocess.Tool;
using Multiprocess.Tool.Output;

return ToolProgram.Run(args, new ToolConsole(Console.Out, Console.Error, Console.In));
