-- verdict: 4 script budget exceeded
::again::
goto again
